import type { Extension, Pkcs10CertificateRequest, X509Certificate } from '@peculiar/x509';
import * as x509 from '../../pki/support/peculiar.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Milliseconds since 1970. */
export interface Times {
  readonly now: number;
  /** From when the cluster's CA is valid. */
  readonly authorityBegan: number;
}

/** From when the first certificate in a text is valid. */
export function beginningOf(pem: string): number {
  return new x509.X509Certificate(pem).notBefore.getTime();
}

/**
 * What a certificate, or a request for one, is to those who read it, in lines: all but what differs from one to the next. Read by
 * a library that shares nothing with kplay. Without a time nothing is said of its own; that of an authority is never told.
 */
export function portraitOf(pem: string, times: Times | undefined): readonly string[] {
  if (pem.includes('CERTIFICATE REQUEST')) {
    const request = new x509.Pkcs10CertificateRequest(pem);
    return [`request for ${request.subject}`, keyOf(request), ...request.extensions.map(textOf)];
  }
  const certificate = new x509.X509Certificate(pem);
  return [
    `certificate of ${certificate.subject}`,
    `issued by ${certificate.issuer}`,
    keyOf(certificate),
    `signed with ${algorithmName(certificate.signatureAlgorithm)}`,
    ...(times === undefined || isAuthority(certificate) ? [] : period(certificate, times)),
    ...certificate.extensions.map(textOf),
  ];
}

function isAuthority(certificate: X509Certificate): boolean {
  return certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true;
}

function period({ notBefore, notAfter }: X509Certificate, { now, authorityBegan }: Times): readonly string[] {
  const minutes = roundTo((now - notBefore.getTime()) / MINUTE_MS, 5);
  const isAuthoritys = notBefore.getTime() === authorityBegan;
  return [
    `valid from ${isAuthoritys ? 'the beginning of its CA' : `${minutes} minutes before`}`,
    `valid for ${roundTo((notAfter.getTime() - now) / HOUR_MS, 1)} hours`,
  ];
}

function keyOf({ publicKey }: X509Certificate | Pkcs10CertificateRequest): string {
  return `key ${algorithmName(publicKey.algorithm)}`;
}

function algorithmName(algorithm: object): string {
  const { name, modulusLength, namedCurve, hash } = algorithm as Readonly<Record<string, unknown>>;
  const digest = (hash as { readonly name?: string } | undefined)?.name;
  return [name, modulusLength, namedCurve, digest].filter((part) => part !== undefined).join(' ');
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

function textOf(extension: Extension): string {
  const critical = extension.critical ? ', critical' : '';
  return `${extension.type}${critical}${detailOf(extension)}`;
}

function detailOf(extension: Extension): string {
  if (extension instanceof x509.SubjectAlternativeNameExtension)
    return `: ${extension.names.items.map(({ type, value }) => `${type} ${value}`).join(', ')}`;
  if (extension instanceof x509.ExtendedKeyUsageExtension) return `: ${extension.usages.join(', ')}`;
  if (extension instanceof x509.KeyUsagesExtension) return `: bits ${extension.usages}`;
  if (extension instanceof x509.BasicConstraintsExtension) return `: ${extension.ca ? 'an authority' : 'no authority'}`;
  return '';
}
