/** The default time zone; others are IANA zones. */
export const UTC = 'UTC';

const DAYS_PER_YEAR = 365;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-24 15:12:44` in a zone. The Swedish locale writes ISO dates. */
function stamp(date: Date, timeZone: string): string {
  // UTC needs no Intl formatter, whose creation takes a noticeable part of a short run.
  if (timeZone === UTC) return date.toISOString().slice(0, 19).replace('T', ' ');
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(date);
}

/** `2026-11-24 15:12`. */
export function formatMinute(date: Date, timeZone: string): string {
  return stamp(date, timeZone).slice(0, 16);
}

/** `2026-11-24`. */
export function formatDay(date: Date, timeZone: string): string {
  return stamp(date, timeZone).slice(0, 10);
}

/** `15:12:44Z`, or `16:12:44` in another zone. */
export function formatClock(date: Date, timeZone: string): string {
  return stamp(date, timeZone).slice(11) + (timeZone === UTC ? 'Z' : '');
}

/** A time of an event or the journal: `2026-11-24T15:12:44Z`, or `2026-11-24 16:12:44` in another zone. */
export function formatSecond(time: string, timeZone: string): string {
  return formatTime(time, timeZone, 19);
}

/** The same, in minutes: `2026-11-24T15:12Z`, or `2026-11-24 16:12` in another zone. */
export function formatTimeToMinute(time: string, timeZone: string): string {
  return formatTime(time, timeZone, 16);
}

/** @param length how much of an ISO time is shown */
function formatTime(time: string, timeZone: string, length: number): string {
  const date = timeZone === UTC ? undefined : parseDate(time);
  return date ? stamp(date, timeZone).slice(0, length) : `${time.slice(0, length)}Z`;
}

/** Parses an ISO date; undefined if it is invalid. */
export function parseDate(text: string): Date | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The remaining time in its largest unit: `364d`, `-1d`, `9y`. */
export function formatLeft(days: number): string {
  return Math.abs(days) < 2 * DAYS_PER_YEAR ? `${days}d` : `${Math.trunc(days / DAYS_PER_YEAR)}y`;
}

/** A duration as a stopwatch shows it: `00:19`, `1:02:03`. */
export function formatStopwatch(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number: number) => String(number).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** Whole seconds, for waits: `3s`. */
export function formatSeconds(milliseconds: number): string {
  return `${Math.max(0, Math.floor(milliseconds / 1000))}s`;
}
