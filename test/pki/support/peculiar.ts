/**
 * @peculiar/x509, the second opinion. It refuses to load without the polyfill reflect-metadata, which is a package of its own;
 * reading certificates uses none of the metadata, so that empty answers do.
 */
Object.assign(Reflect, {
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  defineMetadata: () => undefined,
});
export const {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509Certificate,
} = await import('@peculiar/x509');
