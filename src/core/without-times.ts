const DATE = /(?:\b[A-Z][a-z]{2} )?\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?/g;
const DURATION = /\b\d+(?:\.\d+)?(?:ms|[smhdy])(?: \d+[smhd])*\b/g;

/** What stays of a reason while time passes: a certificate `expires 2026-12-10, in 9d 23h`, and an hour later in 9d 22h. */
export function withoutTimes(reason: string): string {
  return reason.replace(DATE, '').replace(DURATION, '');
}
