import { isAbsolute } from 'node:path';
import { inWords } from '../model/findings.ts';
import type { OrderFinding } from '../model/order.ts';
import { excerpt } from '../model/printable.ts';
import { isMapping, type Mapping } from '../reading/yaml-mapping.ts';

/** What stands at `probes:` in the config file. */
export interface ProbesSetting {
	/** Settings by the name of the probe, as written. */
	readonly sections: Mapping;
	/** Absolute paths of the modules that bring probes which are not ours. */
	readonly modules: readonly string[];
	readonly findings: readonly OrderFinding[];
}

const path = '/etc/pingmachine/probes/mine.js';
const item = `the path of a module from the root, such as ${path}, or settings such as fping: {command: /usr/bin/fping}`;

/** Reads `probes:`, which is settings by the name of the probe, or a list of those and of paths of modules. */
export function readProbesSetting(value: unknown): ProbesSetting {
	if (value === undefined || value === null) return { sections: {}, modules: [], findings: [] };
	if (isMapping(value)) return { sections: value, modules: [], findings: [] };
	if (!Array.isArray(value)) {
		const message = `must be settings by the name of the probe, or a list of them and of paths of modules, not ${inWords(value)}`;
		return { sections: {}, modules: [], findings: [{ key: 'probes', message }] };
	}
	const sections = new Map<string, unknown>();
	const modules: string[] = [];
	const findings: OrderFinding[] = [];
	for (const [index, one] of value.entries()) {
		const fault = (message: string) => findings.push({ key: `probes[${index}]`, message });
		if (isMapping(one)) {
			for (const [name, section] of Object.entries(one)) {
				if (sections.has(name)) fault(`${excerpt(name)} is written twice. Keep one of them`);
				else sections.set(name, section);
			}
		} else if (typeof one !== 'string' || !isAbsolute(one)) fault(`must be ${item}, not ${inWords(one)}`);
		else if (modules.includes(one)) fault(`${excerpt(one)} is written twice. Keep one of them`);
		else modules.push(one);
	}
	return { sections: Object.fromEntries(sections), modules, findings };
}
