import { load } from 'js-yaml';
import { OrderTrouble } from '../../orders/writer.ts';
import { moduleOf } from './blackbox-modules.ts';
import { Gathered, type Imported, nameOf } from './imported.ts';
import { isMapping, listIn, type Mapping, mappingIn, secondsIn, textIn } from './values.ts';

/** A file that was read. */
export interface ReadFile {
	readonly name: string;
	readonly text: string;
}

function mappingOf({ name, text }: ReadFile): Mapping {
	let value: unknown;
	try {
		value = load(text);
	} catch (error) {
		throw new OrderTrouble(`${name}: is not YAML: ${(error as Error).message.split('\n')[0]}`);
	}
	if (isMapping(value)) return value;
	throw new OrderTrouble(`${name}: is not a mapping. Name a config of blackbox_exporter or of Prometheus`);
}

/**
 * What blackbox_exporter is asked by Prometheus: its modules are in one file, the targets in the scrape_configs of the
 * other. Throws `OrderTrouble` when one cannot be read.
 */
export function importBlackbox(files: readonly ReadFile[]): Imported {
	const gathered = new Gathered();
	const read = files.map(mappingOf);
	const modules = mappingIn(Object.assign({}, ...read.map((one) => mappingIn(one, 'modules'))), null);
	if (Object.keys(modules).length === 0) gathered.missing('blackbox', 'there are no modules: in these files');
	const jobs = read.flatMap((one) =>
		listIn(one, 'scrape_configs').map((job) => ({ job, global: mappingIn(one, 'global') })),
	);
	if (jobs.length === 0)
		gathered.missing(
			'blackbox',
			'the targets stand in the config of Prometheus. Name it too: import blackbox blackbox.yml prometheus.yml',
		);
	const used = new Set<string>();
	for (const { job, global } of jobs) {
		if (!isMapping(job)) continue;
		const [name] = listIn(mappingIn(job, 'params'), 'module');
		if (typeof name !== 'string') continue;
		used.add(name);
		const module = modules[name];
		const title = textIn(job, 'job_name') ?? name;
		if (!isMapping(module)) gathered.missing(title, `there is no module ${name} in these files`);
		else
			jobInto(
				gathered,
				title,
				job,
				module,
				secondsIn(job, 'scrape_interval') ?? secondsIn(global, 'scrape_interval') ?? 60,
			);
	}
	for (const name of Object.keys(modules))
		if (jobs.length > 0 && !used.has(name)) gathered.missing(`module ${name}`, 'nothing is asked of it');
	return gathered;
}

function jobInto(gathered: Gathered, title: string, job: Mapping, module: Mapping, step: number): void {
	for (const key of Object.keys(job))
		if (/_sd_configs$/.test(key))
			gathered.missing(
				title,
				`${key} has no counterpart. Make a list of its targets, which pingmachine order add --targets reads`,
			);
	for (const group of listIn(job, 'static_configs')) {
		if (!isMapping(group)) continue;
		const tags = mappingIn(group, 'labels');
		for (const target of listIn(group, 'targets')) {
			const measured = typeof target === 'string' ? moduleOf(module, target) : 'a target is not a text';
			if (typeof measured === 'string') {
				gathered.missing(title, measured);
				continue;
			}
			for (const note of measured.missing) gathered.missing(title, note);
			const { probe, section } = measured;
			const pings = probe === 'icmp' ? Math.min(5, step) : 1;
			const labelled = Object.keys(tags).length === 0 ? {} : { tags };
			gathered.orders.push({
				id: `${nameOf(title)}/${nameOf(String(target))}`,
				fields: { user: 'blackbox', step, pings, probe, [probe]: section, ...labelled },
			});
		}
	}
}
