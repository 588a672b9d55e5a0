import { kubeadm } from './kubeadm.ts';
import { kubectl } from './kubectl.ts';
import { systemctl } from './systemctl.ts';
import type { Tool } from './tool.ts';

/**
 * The programs of an embedded host, in processes of their own: `node main.js NAME ROOT PORT ARGUMENT…`. A program of its own,
 * which is why it reads `process`.
 */
const TOOLS: Readonly<Record<string, Tool>> = { kubeadm, kubectl, systemctl };

const [, , name = '', root = '', port = '', ...words] = process.argv;
const tool = TOOLS[name];
if (!tool) throw new Error(`there is no simulated ${name}`);
const { exitCode, stdout, stderr } = await tool({ root, controlPort: Number(port), words, now: new Date() });
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
