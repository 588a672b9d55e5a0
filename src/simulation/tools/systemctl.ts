import { askHost } from './control-client.ts';
import type { ToolCall, ToolResult } from './tool.ts';

/** `systemctl`: the host itself knows the state of its kubelet. */
export async function systemctl({ controlPort, words }: ToolCall): Promise<ToolResult> {
  const { answer, socket } = await askHost(controlPort, { do: 'systemctl', words });
  socket.destroy();
  return answer;
}
