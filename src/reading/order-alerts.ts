import { inWords } from '../model/findings.ts';
import type { OrderDraft } from './order-draft.ts';
import { ruleNameOf } from './rule.ts';

const namesMost = 100;
const nameMost = 500;

/** The rules that an order names. What is not understood is noted, and left out. */
export function readAlertNames(draft: OrderDraft): readonly string[] {
	return readNames(draft, 'alerts', 'the names of rules, such as [loss]').map(ruleNameOf);
}

/** The orders that it depends on. */
export function readParents(draft: OrderDraft): readonly string[] {
	return readNames(draft, 'parents', 'ids of orders, such as [core/zrh]');
}

function readNames(draft: OrderDraft, key: string, what: string): readonly string[] {
	const value = draft.at(key);
	if (value === undefined) return [];
	const names = [value].flat();
	if (names.length <= namesMost && names.every(isName)) return names;
	draft.note(key, `is not understood: ${inWords(value)}. Write ${what}, at most ${namesMost}`);
	return [];
}

function isName(value: unknown): value is string {
	return typeof value === 'string' && value !== '' && value.length <= nameMost;
}
