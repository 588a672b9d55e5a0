import { jsonText } from '../../report/json-text.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { VERSION } from '../version.ts';

/** `kplay version`: as JSON with what it runs on. */
export function version({ output }: { readonly output: string }, { stdout }: Environment): number {
  const { versions, platform, arch } = process;
  const told = { version: 1, kplay: VERSION, node: versions.node, platform, arch };
  stdout.write(output === 'json' ? `${jsonText(told, 2)}\n` : `kplay ${VERSION}\n`);
  return EXIT.good;
}
