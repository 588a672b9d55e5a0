import { afterEach, beforeEach, expect } from 'vitest';

/** Each test of the file fails when something is thrown that nobody catches: in kplay it would end the process. */
export function failOnUncaught(): void {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  beforeEach(() => {
    uncaught.length = 0;
    process.on('uncaughtException', note).on('unhandledRejection', note);
  });
  afterEach(() => {
    process.off('uncaughtException', note).off('unhandledRejection', note);
    expect(uncaught).toEqual([]);
  });
}
