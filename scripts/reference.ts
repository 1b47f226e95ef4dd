/** Writes the reference tables between their markers in docs/: npm run reference. Their source is the schemas. */
import { readFileSync, writeFileSync } from 'node:fs';
import { referencePages, withTables } from './reference/pages.ts';

for (const page of referencePages) {
	const text = readFileSync(page, 'utf8');
	const now = withTables(page, text);
	if (now === text) continue;
	writeFileSync(page, now);
	process.stdout.write(`${page}\n`);
}
