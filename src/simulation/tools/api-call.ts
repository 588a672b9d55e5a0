import type { ApiClient } from '../components/api-client.ts';
import { type HttpAnswer, type HttpRequest, httpsSend } from '../https-client.ts';
import { askHost } from './control-client.ts';
import type { ToolCall } from './tool.ts';

/**
 * Asks an API server over a connection of the host that the program belongs to.
 * @throws {Error} when there is no connection, or either side does not accept the other.
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
