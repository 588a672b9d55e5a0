import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { joinScripts, sh } from '../../core/shell.ts';
import { type Certificate, readCertificates } from '../../pki/certificate.ts';
import { DUMP_FUNCTIONS } from './file-dump.ts';
import { signing } from './key-proof.ts';

/** Certificates of a host, each with a signature of its key: read together, so a renewal does not separate them. */
export interface ProvenPair {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  /** In base64, over the SHA-256 of the text. */
  readonly signature: string;
}

interface Params {
  readonly [key: string]: string | readonly (readonly [certificate: string, key: string])[];
  readonly pairs: readonly (readonly [certificate: string, key: string])[];
  readonly text: string;
}

const provenPairsFact: Fact<Params, readonly ProvenPair[]> = {
  name: 'proven_pairs',
  summary: 'certificates whose keys the host has, with signatures of a text',
  ifTooLong: 'look for unusually large or many certificates below /etc/kubernetes',
  probe: ({ pairs, text }) => ({
    script: sh`command -v openssl >/dev/null || exit 0
${DUMP_FUNCTIONS}
prove() {
  [ -f "$R$1" ] && [ -r "$R$1" ] && [ -f "$R$2" ] && [ -r "$R$2" ] || return 0
  echo pair
  ${signing(text, sh`"$R$2"`)}
  echo
  contents kind=certificate "$R$1" | sed -n 's/^|//p'
}
${joinScripts(pairs.map(([certificate, key]) => sh`prove ${certificate} ${key}`))}
`,
  }),
  parse: ({ stdout }) =>
    stdout
      .split(/^pair\n/m)
      .slice(1)
      .flatMap((block) => pairIn(block) ?? []),
};

function pairIn(block: string): ProvenPair | undefined {
  const end = block.indexOf('\n');
  try {
    const [certificate, ...chain] = readCertificates(block.slice(end + 1));
    return certificate && { certificate, chain, signature: block.slice(0, end) };
  } catch {
    // Nobody's certificate proves nothing.
    return undefined;
  }
}

/** `text` has to be one that nobody can have had signed before. Without openssl on the host there are none. */
export function provenPairs(pairs: Params['pairs'], text: string): FactRef<readonly ProvenPair[]> {
  return factRef(provenPairsFact, { pairs, text });
}
