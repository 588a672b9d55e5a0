import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../core/duration.ts';
import { LONGEST_TIMER_MS } from '../../core/timer.ts';

/** An option that may be repeated. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** An option that may be repeated, or given several values separated by commas. */
export function collectList(value: string, previous: readonly string[]): readonly string[] {
  return [
    ...previous,
    ...value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}

/** Tags to run. None would be every task, where Ansible runs only those that are tagged `always`. */
export function collectTags(value: string, previous: readonly string[]): readonly string[] {
  const tags = collectList(value, previous);
  if (tags.length === 0) throw new InvalidArgumentError('It names no tag. Leave it out for all tasks, or name tags.');
  return tags;
}

/** An option that counts how often it is given: `-vv`. */
export function increase(_value: string, previous: number): number {
  return previous + 1;
}

/** A positive integer. */
export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number, 1 or greater.');
  return number;
}

export const LONGEST_TIMER_S = Math.floor(LONGEST_TIMER_MS / 1_000);

/** A positive number of seconds for which a timer can run. */
export function timerSeconds(value: string): number {
  const seconds = positive(value);
  if (seconds > LONGEST_TIMER_S)
    throw new InvalidArgumentError(`It must be at most ${LONGEST_TIMER_S}, which is 24 days.`);
  return seconds;
}

/** Every host of a demo is simulated on this machine, and no etcd should have more members. */
export const MOST_MASTERS_OF_DEMO = 9;

/** How many masters a demo has. */
export function mastersOfDemo(value: string): number {
  const number = positive(value);
  if (number > MOST_MASTERS_OF_DEMO) throw new InvalidArgumentError(`It must be at most ${MOST_MASTERS_OF_DEMO}.`);
  return number;
}

/** A reason, which must not be empty: later readers need it. */
export function reasonText(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must say why.');
  return value;
}

/** `30d`. */
export function duration(value: string): string {
  try {
    parseDuration(value);
    return value;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : '');
  }
}
