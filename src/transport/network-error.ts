import { asError, describeSystemError, systemErrorCode } from '../core/system-error.ts';

/** Explains a network error in words. */
export function reasonOf(error: unknown): string {
  switch (systemErrorCode(error)) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was closed without an answer';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route to the address';
    case 'ETIMEDOUT':
      return 'the connection timed out';
    case 'EMFILE':
    case 'ENFILE':
      return describeSystemError(error);
    default:
      return asError(error).message;
  }
}
