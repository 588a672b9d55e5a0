import type { ServerResponse } from 'node:http';

/** Sends an object as JSON. */
export function send(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Sends a Status, as the API does when it refuses a request. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  response.statusCode = code;
  send(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code });
}
