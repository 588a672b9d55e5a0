import { describeSystemError } from '../../core/system-error.ts';
import { TemplateError } from '../../template/errors.ts';
import { reasonOf } from '../../transport/network-error.ts';

/** What is done on the machine of kplay has not come to a good end; the message says why, in a clause, and holds no secret. */
export class LocalActionFailure extends Error {
  override readonly name = 'LocalActionFailure';
}

/** @returns why the work failed, in a clause; undefined when it did not */
export async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof LocalActionFailure || error instanceof TemplateError) return error.message;
    if (!(error instanceof Error && 'code' in error)) throw error;
    return ofServer(error) ?? describeSystemError(error);
  }
}

/** Of a certificate that is not accepted, as OpenSSL and Node.js name what is wrong with it. */
const OF_CERTIFICATE = /CERT|^UNABLE_TO_VERIFY|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$/;

/** What is wrong with a server, or the way to it. Other messages are not told: they may hold what was to be sent. */
function ofServer(error: Error): string | undefined {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be resolved';
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return 'the answer is not TLS, or not an accepted version of it';
  if (OF_CERTIFICATE.test(code)) return `its certificate is not accepted: ${message}`;
  const ofConnection = reasonOf(error);
  return ofConnection === message ? undefined : ofConnection;
}
