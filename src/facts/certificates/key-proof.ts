import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { type ShellScript, sh } from '../../core/shell.ts';

/** A signature that a host makes with one of its private keys. */
export type KeyProof =
  | { readonly state: 'signed' /** In base64, over the SHA-256 of the text. */; readonly signature: string }
  | { readonly state: 'cannot'; readonly reason: string };

const keyProofFact: Fact<{ readonly path: string; readonly text: string }, KeyProof> = {
  name: 'key_proof',
  summary: 'whether a host has a private key: its signature of a text',
  probe: ({ path, text }) => ({
    script: sh`command -v openssl >/dev/null || { echo 'there is no openssl on the host' >&2; exit 1; }
[ -f "$R"${path} ] && [ -r "$R"${path} ] || { echo ${`${path} cannot be read`} >&2; exit 1; }
${signing(text, sh`"$R"${path}`)}
`,
  }),
  parse({ stdout, stderr }) {
    const signature = stdout.trim();
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return { state: 'signed', signature };
    return { state: 'cannot', reason: stderr.trim().split('\n').at(-1) || 'it gave no signature' };
  },
};

/** Prints the signature of a text, over its SHA-256 and in base64, with the key in a file of the host. */
export function signing(text: string, key: ShellScript): ShellScript {
  return sh`printf %s ${text} | openssl dgst -sha256 -sign ${key} | openssl base64 -A`;
}

/** `text` has to be one that nobody can have had signed before. */
export function keyProof(path: string, text: string): FactRef<KeyProof> {
  return factRef(keyProofFact, { path, text });
}
