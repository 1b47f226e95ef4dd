import { existsSync } from 'node:fs';
import { readConfigRoot } from '../../config/config-text.ts';
import { readDefaults } from '../../config/defaults-setting.ts';
import { usualConfigFile } from '../../config/known-probes.ts';
import { describeFindingIn } from '../../model/findings.ts';
import type { OrderDefaults } from '../../orders/lists/defaults.ts';
import { OrderTrouble } from '../../orders/writer.ts';

/**
 * `defaults:` of the config file that is named, or of the one that an installed pingmachine has. Throws `OrderTrouble`
 * when the one that is named cannot be read: the other one may be for others.
 */
export function defaultsOf(named: string | undefined): Partial<OrderDefaults> {
	const file = named ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
	if (file === undefined) return {};
	const root = readConfigRoot(file);
	if ('mapping' in root) {
		const read = readDefaults(root.mapping['defaults']);
		if ('value' in read) return read.value;
		throw new OrderTrouble(read.findings.map((finding) => describeFindingIn(file, finding)).join(' | '));
	}
	if (named === undefined) return {};
	throw new OrderTrouble(describeFindingIn(file, root.finding));
}
