import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Problems } from '../../core/diagnostic.ts';
import { Secret } from '../../core/secret.ts';
import { rangeOfArgument, type SourceRange } from '../../core/source.ts';
import { describeSystemError } from '../../core/system-error.ts';
import type { Environment } from '../environment.ts';
import { warnOfReaders } from '../inputs/readers.ts';

/** How to verify a Temporal server and how to authenticate to it. None of it is on a command line or recorded. */
export interface EngineAccess {
  /** Absent: the connection is not encrypted. */
  readonly tls?: EngineTls;
  /** A bearer token. */
  readonly apiKey?: Secret;
}

/** As Temporal's SDK takes it; everything is PEM. */
interface EngineTls {
  /** Replaces the CAs that the system trusts. */
  readonly serverRootCACertificate?: Uint8Array;
  /** The name that the server's certificate must have; default: that of the address. */
  readonly serverNameOverride?: string;
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array };
}

/** The names that Temporal's own tools use; the variable for an API key file is kplay's. */
const NAMES = {
  on: 'TEMPORAL_TLS',
  ca: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  name: 'TEMPORAL_TLS_SERVER_NAME',
  certificate: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  key: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
  apiKey: 'TEMPORAL_API_KEY',
  apiKeyFile: 'TEMPORAL_API_KEY_FILE',
} as const;

/** Other variables that Temporal's tools read and kplay does not. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: `kplay always verifies the server: set its CA with ${NAMES.ca}`,
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: `write it to a file, and give that as ${NAMES.ca}`,
  TEMPORAL_TLS_CLIENT_CERT_DATA: `write it to a file, and give that as ${NAMES.certificate}`,
  TEMPORAL_TLS_CLIENT_KEY_DATA: `write it to a file, and give that as ${NAMES.key}`,
};

/** Reads the variables `TEMPORAL_TLS…` and `TEMPORAL_API_KEY…` and the files that they name; adds errors to `problems`. */
export function engineAccess(variables: Environment['variables'], problems: Problems): EngineAccess {
  const given = (name: string): string | undefined => variables[name] || undefined;
  for (const [name, instead] of Object.entries(UNSUPPORTED))
    if (given(name) !== undefined) problems.error(`${name} has no meaning for kplay`, undefined, instead);
  const ca = readFile(NAMES.ca, given(NAMES.ca), problems);
  if (ca && !certificateIn(ca)) reportNone(NAMES.ca, given(NAMES.ca), 'certificate in PEM', problems);
  const serverName = given(NAMES.name);
  const clientCertPair = readPair(given(NAMES.certificate), given(NAMES.key), problems);
  const apiKey = readApiKey(given(NAMES.apiKey), given(NAMES.apiKeyFile), problems);
  const on = given(NAMES.on)?.toLowerCase();
  if (on !== undefined && !['true', '1', 'false', '0'].includes(on))
    problems.error(`'${on}' is neither true nor false`, placeOf(NAMES.on, on), 'write true or false');
  const needsTls = Object.values(NAMES).filter((name) => name !== NAMES.on && given(name) !== undefined);
  if ((on === 'false' || on === '0') && needsTls.length > 0)
    problems.error(
      `${NAMES.on} turns encryption off, but ${needsTls.join(', ')} turns it on`,
      placeOf(NAMES.on, on),
      'remove one of them',
    );
  if (needsTls.length === 0 && on !== 'true' && on !== '1') return {};
  return {
    tls: {
      ...(ca && { serverRootCACertificate: ca }),
      ...(serverName !== undefined && { serverNameOverride: serverName }),
      ...(clientCertPair && { clientCertPair }),
    },
    ...(apiKey && { apiKey }),
  };
}

function readPair(
  certificateFile: string | undefined,
  keyFile: string | undefined,
  problems: Problems,
): EngineTls['clientCertPair'] {
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    const [one, other] = keyFile === undefined ? [NAMES.certificate, NAMES.key] : [NAMES.key, NAMES.certificate];
    problems.error(`${one} is given without ${other}`, undefined, 'a client certificate needs its key: set both');
  }
  const crt = readFile(NAMES.certificate, certificateFile, problems);
  const key = readFile(NAMES.key, keyFile, problems);
  if (!crt || !key || keyFile === undefined) return undefined;
  warnOfReaders(keyFile, 'private key', problems);
  const certificate = certificateIn(crt);
  const privateKey = keyIn(key);
  if (!certificate) reportNone(NAMES.certificate, certificateFile, 'certificate in PEM', problems);
  if (!privateKey) reportNone(NAMES.key, keyFile, 'private key without a passphrase', problems);
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    problems.error(
      `the key ${keyFile} does not belong to the certificate ${certificateFile}`,
      placeOf(NAMES.key, keyFile),
      'use the certificate and key that belong together',
    );
  return { crt, key };
}

function readApiKey(text: string | undefined, file: string | undefined, problems: Problems): Secret | undefined {
  if (text !== undefined && file !== undefined)
    problems.error(`${NAMES.apiKey} and ${NAMES.apiKeyFile} both give a key`, undefined, 'remove one of them');
  const key = text ?? readFile(NAMES.apiKeyFile, file, problems)?.toString('utf8');
  if (key === undefined) return undefined;
  if (file !== undefined) warnOfReaders(file, 'API key', problems);
  const [name, place] =
    file === undefined ? [NAMES.apiKey, undefined] : [NAMES.apiKeyFile, placeOf(NAMES.apiKeyFile, file)];
  // It becomes the value of a header unchanged.
  if (!/^[\x21-\x7e]+$/.test(key.trim()))
    problems.error(`${name} contains no API key`, place, 'an API key is one word, as the server has issued it');
  return new Secret(key.trim());
}

function readFile(name: string, path: string | undefined, problems: Problems): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    problems.error(`cannot read ${path}: ${describeSystemError(error)}`, placeOf(name, path), 'name an existing file');
    return undefined;
  }
}

/** The first certificate of a file in PEM. Node reads DER as well, but the SDK does not. */
function certificateIn(pem: Buffer): X509Certificate | undefined {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyIn(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function reportNone(name: string, path: string | undefined, what: string, problems: Problems): void {
  problems.error(`${path} holds no ${what}`, placeOf(name, path ?? ''), 'name a file in PEM');
}

function placeOf(name: string, value: string): SourceRange {
  return rangeOfArgument(name, value);
}
