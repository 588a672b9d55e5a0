import type { ApiClient } from '../components/api-client.ts';
import { type HttpAnswer, type HttpRequest, httpsSend } from '../https-client.ts';
import { askHost } from './control-client.ts';
import type { ToolCall } from './tool.ts';

/**
 * Calls an API server over a connection of the program's host.
 * @throws {Error} if there is no connection, or either side rejects the other
 */
export async function askApi(
  { controlPort }: ToolCall,
  { address, port, identity }: ApiClient,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { answer, socket } = await askHost(controlPort, { do: 'connect', address, port });
  if (answer.exitCode !== 0) {
    socket.destroy();
    throw Object.assign(new Error(answer.stderr), { code: 'ECONNREFUSED' });
  }
  return httpsSend(socket, address, request, identity);
}
