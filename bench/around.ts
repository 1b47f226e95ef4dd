import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What people switch on besides measuring. */
export const surroundings = ['web', 'alerts', 'sink'] as const;
const rules = ['down', 'loss', 'latency'];

/** Writes the config file of a daemon to be measured, and what goes with it. Returns its path. */
export function writeConfig(baseDir: string, template: string, withs: readonly string[]): string {
	const lines = [`rrd: {template: ${template}}`];
	if (withs.includes('web')) lines.push('web: {listen: 127.0.0.1:0}');
	if (withs.includes('sink')) lines.push(`sinks: [{type: file, path: ${join(baseDir, 'results.json')}}]`);
	if (withs.includes('alerts')) {
		mkdirSync(join(baseDir, 'alerts'));
		const from = fileURLToPath(new URL('../../packaging/alerts', import.meta.url));
		for (const rule of rules)
			copyFileSync(join(from, `${rule}.yaml`), join(baseDir, 'alerts', `${rule}.yaml`));
	}
	const file = join(baseDir, 'config.yaml');
	writeFileSync(file, `${lines.join('\n')}\n`);
	return file;
}
