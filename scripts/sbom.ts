/** Prints what pingmachine is made of: a CycloneDX 1.5 document of the npm packages that it runs with. */
import { readFileSync } from 'node:fs';

interface LockedPackage {
	readonly version: string;
	readonly integrity?: string;
	readonly license?: string;
	readonly dev?: boolean;
	readonly devOptional?: boolean;
}

const file = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const { name, version, license } = file('package.json');
const { packages } = file('package-lock.json') as {
	readonly packages: Readonly<Record<string, LockedPackage>>;
};

const components = Object.entries(packages)
	.filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
	.map(([path, locked]) => {
		const full = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
		const purl = `pkg:npm/${full.replace('@', '%40')}@${locked.version}`;
		const [algorithm, digest = ''] = locked.integrity?.split('-') ?? [];
		return {
			type: 'library',
			'bom-ref': purl,
			name: full,
			version: locked.version,
			purl,
			...(locked.license === undefined ? {} : { licenses: [{ expression: locked.license }] }),
			...(algorithm === 'sha512'
				? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
				: {}),
		};
	})
	.sort((a, b) => (a.purl < b.purl ? -1 : 1));

const document = {
	$schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
	bomFormat: 'CycloneDX',
	specVersion: '1.5',
	version: 1,
	metadata: {
		component: { type: 'application', 'bom-ref': name, name, version, licenses: [{ expression: license }] },
	},
	components,
};
process.stdout.write(`${JSON.stringify(document, null, '\t')}\n`);
