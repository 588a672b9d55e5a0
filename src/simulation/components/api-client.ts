import { createSecureContext } from 'node:tls';
import { parse } from 'yaml';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { ClientIdentity } from '../https-client.ts';

/** The settings of a kubeconfig's current context for a client. */
export interface ApiClient {
  readonly address: string;
  readonly port: number;
  readonly identity: ClientIdentity;
}

/**
 * Reads a kubeconfig like client-go. `readFile` reads files that it refers to.
 * @throws {Error} if it is unusable, in which case a real client exits
 */
export function readApiClient(text: string, readFile: (path: string) => string): ApiClient {
  const root: unknown = parse(text);
  if (!isJsonObject(root)) throw new Error('invalid configuration: no configuration has been provided');
  const context = named(root['contexts'], textOf(root['current-context']), 'context');
  const cluster = named(root['clusters'], textOf(context['cluster']), 'cluster');
  const user = named(root['users'], textOf(context['user']), 'user');
  const { hostname, port } = new URL(textOf(cluster['server']));
  const data = (from: JsonObject, name: string): string | undefined => {
    const embedded = from[`${name}-data`];
    if (typeof embedded === 'string') return Buffer.from(embedded, 'base64').toString('utf8');
    const path = from[name];
    return typeof path === 'string' ? readFile(path) : undefined;
  };
  const certificate = data(user, 'client-certificate');
  const key = data(user, 'client-key');
  if ((certificate === undefined) !== (key === undefined))
    throw new Error('client certificate and key must both be given');
  if (certificate !== undefined) createSecureContext({ cert: certificate, key });
  return {
    address: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 443),
    identity: {
      authority: data(cluster, 'certificate-authority') ?? '',
      ...(certificate !== undefined && { certificate }),
      ...(key !== undefined && { key }),
      ...(typeof user['token'] === 'string' && { token: user['token'] }),
    },
  };
}

function named(list: Json | undefined, name: string, kind: string): JsonObject {
  const items = isJsonArray(list) ? list : [];
  const value = items.filter(isJsonObject).find((item) => item['name'] === name)?.[kind];
  if (!isJsonObject(value)) throw new Error(`invalid configuration: ${kind} "${name}" does not exist`);
  return value;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
