import type { Problems } from '../diagnostic.ts';
import type { SourceFile } from '../source.ts';

/** Whether ansible-vault has encrypted the file as a whole. */
export function isVault(source: SourceFile): boolean {
  return source.text.startsWith('$ANSIBLE_VAULT;');
}

const HINT =
  'use a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE); variables can be given with -e @COPY';

/** Reports a file that ansible-vault has encrypted, if it is one. @param hint what to do instead */
export function refusesVault(source: SourceFile, problems: Problems, hint: string = HINT): boolean {
  if (!isVault(source)) return false;
  problems.error('vault-encrypted files are not supported', source.range(0, source.text.indexOf(';')), hint);
  return true;
}
