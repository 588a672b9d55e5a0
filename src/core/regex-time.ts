import vm from 'node:vm';

/** Thrown by `withinTime` when the time is up. */
export class RegexTimeout extends Error {}

/** A context whose only code calls `work`; made on first use, since most runs do not need it. */
let guard: { readonly context: { work?: () => unknown }; readonly script: vm.Script } | undefined;

/**
 * Lets regular expressions of users, which can take exponential time ("ReDoS"), work under V8's own time limit, which
 * interrupts them. That costs 0.2 ms, and is the only purpose of `node:vm` here: it runs `work`, never a text.
 * @throws {RegexTimeout} if the time is up, and what `work` throws
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  guard ??= { context: vm.createContext({}), script: new vm.Script('work()') };
  guard.context.work = work;
  try {
    return guard.script.runInContext(guard.context, { timeout: milliseconds }) as T;
  } catch (error) {
    throw isTimeout(error) ? new RegexTimeout() : error;
  } finally {
    delete guard.context.work;
  }
}

/** The error may come from another context, where `instanceof Error` does not apply. */
function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
