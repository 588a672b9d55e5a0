import { documentText, isDocument } from '../../report/text/document-text.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { VERSION } from '../version.ts';

/** `kplay version`: as JSON or YAML with the platform and the version of Node.js. */
export async function version({ output }: { readonly output: string }, { stdout }: Environment): Promise<number> {
  const { versions, platform, arch } = process;
  const document = { version: 1, kplay: VERSION, node: versions.node, platform, arch };
  stdout.write(isDocument(output) ? await documentText(output, document) : `kplay ${VERSION}\n`);
  return EXIT.good;
}
