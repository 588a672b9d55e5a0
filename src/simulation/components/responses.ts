import type { ServerResponse } from 'node:http';

/** Answers with an object, as JSON. */
export function send(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Answers with a Status, as the API does when it does not do what it was asked. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  response.statusCode = code;
  send(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code });
}
