import { batchKey } from '../model/batch.ts';
import { inWords, notKnown } from '../model/findings.ts';
import { nearest } from '../model/nearest.ts';
import type { Order, OrderFinding } from '../model/order.ts';
import { excerpt } from '../model/printable.ts';
import type { AnyProbe, ProbeOptions, ProbeTable, Timing } from '../model/probe.ts';
import { readAlike } from './alike-section.ts';
import type { OrderDraft } from './order-draft.ts';
import { keysOf } from './strict-section.ts';
import { blownUp, isBlownUp, isMapping, type Mapping } from './yaml-mapping.ts';

/** What an order says about its probe. */
export type OrderProbe = Pick<Order, 'probe' | 'options' | 'target' | 'shownTarget' | 'batchKey'>;

/** Reads `probe:` and the section named like it. Null when there is something wrong with them, or no timing. */
export function readProbe(draft: OrderDraft, timing: Timing | null, probes: ProbeTable): OrderProbe | null {
	const probe = chosenProbe(draft, probes);
	if (probe === null) return null;
	const section = sectionOf(draft, probe, probes);
	if (section === null) return null;
	try {
		return readOptions(draft, probe, section, timing);
	} catch (error) {
		// A fault of the probe, not of the order; but only this order shall suffer from it.
		const reason = error instanceof Error ? error.message : String(error);
		return draft.fault(
			probe.name,
			`could not be checked, which is a fault of pingmachine: ${excerpt(reason)}`,
		);
	}
}

function chosenProbe(draft: OrderDraft, probes: ProbeTable): AnyProbe | null {
	const names = [...probes.keys()];
	const value = draft.at('probe');
	if (value === undefined) return draft.fault('probe', `is missing. Write one of: ${names.join(', ')}`);
	const probe = typeof value === 'string' ? probes.get(value) : undefined;
	return probe ?? draft.fault('probe', notKnown('probe', value, names));
}

function sectionOf(draft: OrderDraft, probe: AnyProbe, probes: ProbeTable): Mapping | null {
	const { name } = probe;
	const section = draft.at(name);
	const remedy = `Write ${probe.target}: below ${name}:, indented`;
	if (section === undefined) {
		const isThere = Object.hasOwn(draft.mapping, name);
		return draft.fault(name, isThere ? `section is empty. ${remedy}` : missingSection(draft, probe, probes));
	}
	if (!isMapping(section)) return draft.fault(name, `must be a section, not ${inWords(section)}. ${remedy}`);
	if (isBlownUp(section)) return draft.fault(name, blownUp);
	return section;
}

function missingSection(draft: OrderDraft, probe: AnyProbe, probes: ProbeTable): string {
	const { name } = probe;
	const sections = Object.keys(draft.mapping).filter((key) => isMapping(draft.mapping[key]));
	const other = sections.find((key) => probes.has(key));
	if (other !== undefined) {
		return `section is missing, but there is one for ${other}. Write probe: ${other}, or ${name}: with ${probe.target}: below it`;
	}
	const near = nearest(name, sections);
	if (near !== null) return `section is missing. Did you mean ${name}: where you wrote ${excerpt(near)}:?`;
	return `section is missing. Write ${name}: with ${probe.target}: below it`;
}

function readOptions(
	draft: OrderDraft,
	probe: AnyProbe,
	section: Mapping,
	timing: Timing | null,
): OrderProbe | null {
	const read = readAlike<ProbeOptions>(probe.options, section, probe.name, probe.target);
	if ('findings' in read) {
		draft.findings.push(...read.findings.map((finding) => orOfTheConfig(finding, probe)));
		return null;
	}
	if (timing === null) return null;
	const options = read.value;
	const found: OrderFinding[] = (probe.check?.(options, timing) ?? []).map(({ key, message }) => ({
		key: `${probe.name}.${key}`,
		message,
	}));
	draft.findings.push(...found);
	if (found.length > 0) return null;
	const target = String(options[probe.target]);
	const shown = probe.shown?.(target) ?? target;
	return {
		probe: probe.name,
		options,
		target,
		...(shown === target ? {} : { shownTarget: shown }),
		batchKey: batchKey(probe.name, timing, options, probe.target),
	};
}

/** What was meant for the whole of pingmachine says where to write it. */
function orOfTheConfig(finding: OrderFinding, probe: AnyProbe): OrderFinding {
	const { name, options, settings } = probe;
	const known = keysOf(options);
	const setting = keysOf(settings).find((key) => finding.key === `${name}.${key}` && !known.includes(key));
	if (setting === undefined) return finding;
	const message = `holds for all orders. Write it into the config file: ${setting}: below ${name}: below probes:`;
	return { ...finding, message };
}
