import { readFileSync } from 'node:fs';
import { licenseNameOf, version } from './bundle.mjs';

/**
 * What kplay is made of, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): the packages of which something is in its
 * bundle. It has neither time nor serial number: the same sources give the same bytes.
 * @param names of packages.
 */
export function sbom(names) {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `pkg:npm/kplay@${version}`,
        name: 'kplay',
        version,
        purl: `pkg:npm/kplay@${version}`,
        licenses: [{ license: { id: 'MIT' } }],
      },
    },
    components: names.map((name) => library(name, packages[`node_modules/${name}`])),
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function library(name, { version: installed, integrity }) {
  const license = licenseNameOf(name);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${installed}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version: installed,
    purl,
    ...(license && { licenses: [{ expression: license }] }),
    hashes: [hashOf(integrity)],
  };
}

/** The Node.js that a single executable holds. @param from the archive that it was taken from */
export function nodeComponent(version, { url, integrity }) {
  const purl = `pkg:generic/node@${version}`;
  const externalReferences = [{ type: 'distribution', url, hashes: [hashOf(integrity)] }];
  return { type: 'platform', 'bom-ref': purl, name: 'node', version, purl, externalReferences };
}

function hashOf(integrity) {
  const [algorithm, digest] = integrity.split('-');
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}
