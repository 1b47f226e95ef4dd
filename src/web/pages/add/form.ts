import type { AnyProbe } from '../../../model/probe.ts';
import { type Html, html } from '../html.ts';
import type { FormFinding } from '../page.ts';
import { optionName } from './make-orders.ts';
import { type OptionField, optionFields } from './option-fields.ts';
import { topFields } from './order-fields.ts';

/** What stands in a form. */
export interface Filled {
	valueOf(name: string): string;
	readonly findings: readonly FormFinding[];
}

/** A field with its label, and what is wrong with it. */
export function fieldOf(
	name: string,
	label: Html | string,
	filled: Filled,
	control: (attributes: Html) => Html,
	hint = '',
): Html {
	const found = filled.findings.filter(({ field }) => field === name);
	const hintId = `hint-${name}`;
	const faultId = `fault-${name}`;
	const described = [hint === '' ? '' : hintId, found.length === 0 ? '' : faultId].filter(Boolean).join(' ');
	const attributes = html` id="field-${name}" name="${name}"${described !== '' && html` aria-describedby="${described}"`}${found.length > 0 && html` aria-invalid="true"`}`;
	return html`<div class="field"><label for="field-${name}">${label}</label>
<div>${control(attributes)}${hint !== '' && html` <span class="hint" id="${hintId}">${hint}</span>`}
${found.length > 0 && html`<ul class="faults" id="${faultId}">${found.map(({ message }) => html`<li><bdi>${message}</bdi></li>`)}</ul>`}</div></div>
`;
}

/** Keys at the top of an order. */
export function topForm(filled: Filled, isSeveral: boolean): Html[] {
	return topFields.map((field) =>
		fieldOf(
			field.key,
			field.label,
			filled,
			controlOf(field, filled.valueOf(field.key)),
			isSeveral && field.key === 'title' ? `${field.hint}; the same for all` : field.hint,
		),
	);
}

/** Options of a probe but for those left out: what it needs, and what else there is behind a fold. */
export function optionForm(probe: AnyProbe, filled: Filled, leftOut: string | null): Html {
	const fields = optionFields(probe).filter(({ key }) => key !== leftOut);
	const drawn = (field: OptionField) => {
		const name = optionName(field.key);
		return fieldOf(
			name,
			html`<code>${field.key}</code>`,
			filled,
			controlOf(field, filled.valueOf(name)),
			field.hint,
		);
	};
	const isOpen = (field: OptionField) =>
		filled.valueOf(optionName(field.key)) !== '' ||
		filled.findings.some((found) => found.field === optionName(field.key));
	const needed = fields.filter(({ isRequired }) => isRequired);
	const others = fields.filter(({ isRequired }) => !isRequired);
	return html`${needed.map(drawn)}${
		others.length > 0 &&
		html`<details class="more"${others.some(isOpen) && html` open`}><summary>${
			needed.length > 0 ? 'More options' : 'Options'
		} of ${probe.name}</summary>
${others.map(drawn)}</details>`
	}`;
}

function controlOf(field: OptionField, value: string): (attributes: Html) => Html {
	const { kind, choices, isRequired } = field;
	const required = isRequired && html` required`;
	if (kind === 'choice') {
		const values = choices.includes(value) || value === '' ? choices : [value, ...choices];
		return (attributes) =>
			html`<select${attributes}${required}><option value="">-</option>${values.map(
				(choice) => html`<option${choice === value && html` selected`}>${choice}</option>`,
			)}</select>`;
	}
	// A browser takes away one line feed at the beginning.
	if (kind !== 'text' || value.includes('\n'))
		return (attributes) => html`<textarea${attributes}${required} rows="3" cols="50" spellcheck="false">
${value}</textarea>`;
	return (attributes) =>
		html`<input${attributes}${required} value="${value}" size="${String(Math.min(50, Math.max(24, value.length)))}" autocomplete="off" spellcheck="false">`;
}

/** What is wrong, above the form: how much there is, and what belongs to no field that is shown. */
export function faultsAbove(filled: Filled, shown: ReadonlySet<string>): Html | null {
	const { findings } = filled;
	if (findings.length === 0) return null;
	const others = findings.filter(({ field }) => field === undefined || !shown.has(field));
	return html`<div class="trouble" role="alert"><p>Nothing was written: ${String(findings.length)} ${findings.length === 1 ? 'thing is' : 'things are'} to be mended.</p>
${others.length > 0 && html`<ul>${others.map(({ field, message }) => html`<li><bdi>${field === undefined ? message : `${field}: ${message}`}</bdi></li>`)}</ul>`}</div>`;
}
