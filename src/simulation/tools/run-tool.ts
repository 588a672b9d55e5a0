import { kubeadm } from './kubeadm.ts';
import { kubectl } from './kubectl.ts';
import { systemctl } from './systemctl.ts';
import type { Tool } from './tool.ts';

const TOOLS: Readonly<Record<string, Tool>> = { kubeadm, kubectl, systemctl };

/** Runs a program of an embedded host by its command line: `NAME ROOT PORT ARGUMENT…`. */
export function runTool([name = '', root = '', port = '', ...words]: readonly string[], now: Date): ReturnType<Tool> {
  const tool = TOOLS[name];
  if (!tool) throw new Error(`there is no simulated ${name}`);
  return tool({ root, controlPort: Number(port), words, now });
}
