import { describeSystemError } from '../../core/system-error.ts';
import { TemplateError } from '../../template/errors.ts';
import { reasonOf } from '../../transport/network-error.ts';

/** An action on the machine that runs kplay failed. The message says why, in a clause without secrets. */
export class LocalActionFailure extends Error {
  override readonly name = 'LocalActionFailure';
}

/** @returns why the work failed, in a clause; undefined if it succeeded */
export async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof LocalActionFailure || error instanceof TemplateError) return error.message;
    if (!(error instanceof Error && 'code' in error)) throw error;
    return serverFailure(error) ?? describeSystemError(error);
  }
}

/** Errors for certificates that are not accepted, as OpenSSL and Node.js name them. */
const CERTIFICATE_ERRORS = /CERT|^UNABLE_TO_VERIFY|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$/;

/** Errors of a server or the connection to it. Other messages are not shown: they may contain what was to be sent. */
function serverFailure(error: Error): string | undefined {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be resolved';
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return 'the answer is not TLS, or not an accepted version of it';
  // Node.js 24 advises an option of its own, which a single executable does not take.
  if (CERTIFICATE_ERRORS.test(code))
    return `its certificate is not accepted: ${message.replace(/; if the root CA is installed locally, .*$/s, '')}`;
  const connectionFailure = reasonOf(error);
  return connectionFailure === message ? undefined : connectionFailure;
}
