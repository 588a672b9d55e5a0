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
    // Of a connection there are words of its own; all else is of the system.
    const ofConnection = reasonOf(error);
    return ofConnection === error.message ? describeSystemError(error) : ofConnection;
  }
}
