import { once } from 'node:events';
import { connect } from 'node:net';
import type { ApiClient } from '../components/api-client.ts';
import { type HttpAnswer, type HttpRequest, httpsSend } from '../https-client.ts';
import type { ProgramCall } from './program.ts';

/**
 * Calls an API server over a connection of the program's host.
 * @throws {Error} if there is no connection, or either side rejects the other
 */
export async function askApi(
  { host }: ProgramCall,
  { address, port, identity }: ApiClient,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const localPort = host.resolve(address, port);
  if (localPort === undefined) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  const socket = connect({ host: '127.0.0.1', port: localPort, noDelay: true });
  await once(socket, 'connect');
  return httpsSend(socket, address, request, identity);
}
