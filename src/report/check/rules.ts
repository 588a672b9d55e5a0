import { uriPart } from '../formats/sarif.ts';
import type { Finding } from './findings.ts';

/** `expired`, `expiring`, `served-old-one`: a stable name for a kind of finding. */
export function ruleOf({ kind, condition, served, severity }: Finding): string {
  if (condition !== 'good' || kind === 'host') return slug(condition);
  if (served !== null && served !== 'good') return `served-${slug(served)}`;
  return severity === 'ok' ? 'good' : 'expiring';
}

/** A relative path for a file of another machine: `m1/etc/kubernetes/admin.conf`. */
export function pathOf({ host, path }: Finding): string {
  return [host, ...(path ?? '').split('/').filter((part) => part !== '')].map(uriPart).join('/');
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
