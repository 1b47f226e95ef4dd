import type { z } from 'zod';
import type { OrderFinding } from '../../src/model/order.ts';
import { readStrict } from '../../src/reading/strict-section.ts';

interface Answer {
	readonly own: readonly string[];
	/** Of the first entry of a list. */
	readonly within: readonly string[];
}

/** What a reader says of a value. */
export type Answers = (value: unknown) => Answer;

/** No schema takes these; each brings another part of what it wants to light. */
const mapping = { '?': 1 };
const oddText = '?\u0001';
const huge = 1e300;
const odd = 12.345;

/**
 * What a key takes, in the words with which its reader refuses everything else: so the table says what `pingmachine
 * check` says.
 */
export function takesOf(answers: Answers): string {
	const kind = mustBe(answers(mapping).own);
	if (/^a (whole )?number$/.test(kind)) return numberOf(answers, kind);
	const [remedy] = [oddText, mapping]
		.map((value) => remedyOf(answers(value).own))
		.filter((text) => text !== '');
	if (['a list', 'text or a list', 'tuple'].includes(kind)) return listOf(answers, kind);
	if (kind === '' || kind === 'null') return remedy ?? 'anything';
	return kind === 'text' ? (remedy ?? kind) : kind;
}

function listOf(answers: Answers, kind: string): string {
	const element = takesOf((value) => ({ own: answers([value]).within, within: [] }));
	const what = element === 'anything' || element === 'text' ? '' : `: ${element}`;
	return `${kind === 'tuple' ? 'a list' : kind}${what}`;
}

/** `must be text, not a mapping` -> `text`. Empty: there is nothing of the kind. */
function mustBe(messages: readonly string[]): string {
	for (const message of messages) {
		const [, words] = /^must be (.+?)(?:, not .*)?(?:\. Put it in quotes)?$/s.exec(message) ?? [];
		if (words !== undefined) return words.replace(/^one of /, '');
	}
	return '';
}

/** `is not a name: "?". Write one such as a.example` -> `text such as a.example`. */
function remedyOf(messages: readonly string[]): string {
	const [message = ''] = messages;
	const [, known] = / Known: (.+)$/.exec(message) ?? [];
	if (known !== undefined && !message.startsWith('unknown option')) return known;
	const [, written] = /\. Write (.+)$/s.exec(message) ?? [];
	const remedy = written?.replace(/\. The order is measured .*$/, '');
	if (remedy !== undefined && !remedy.includes(' below ') && remedy !== 'it')
		return remedy.replace(/^one (?=such as )/, 'text ');
	const be = mustBe(messages);
	if (be !== '' && !/^(?:text|[01] |of another form)/.test(be)) return be;
	const [, have] = /^must (have .+|begin with .+?)(?:, not .*)?$/s.exec(message) ?? [];
	return have === undefined ? '' : `text; must ${have}`;
}

function numberOf(answers: Answers, kind: string): string {
	const bound = (values: readonly number[], words: string) =>
		values
			.flatMap((value) => answers(value).own)
			.map((message) => new RegExp(`^must be (?:${words}) (-?[\\d.]+)`).exec(message)?.[1])
			.find((text) => text !== undefined && !text.includes(String(Number.MAX_SAFE_INTEGER)));
	// Whole numbers must be safe ones to be looked at.
	const least = bound([-Number.MAX_SAFE_INTEGER, -huge], 'at least|more than');
	const most = bound([Number.MAX_SAFE_INTEGER, huge], 'at most|less than');
	const isWhole = answers(odd).own.some((message) => message.includes('whole number'));
	const name = isWhole ? 'a whole number' : kind;
	if (least !== undefined && most !== undefined) return `${name}, ${least} to ${most}`;
	if (least !== undefined) return `${name}, at least ${least}`;
	return most === undefined ? name : `${name}, at most ${most}`;
}

/** Of a key of a strict schema. */
export function answersOf(schema: z.ZodType, key: string): Answers {
	return (value) => {
		const read = readStrict(schema, { [key]: value }, '');
		return sorted('findings' in read ? read.findings : [], key);
	};
}

/** Those of a key, and of what is in its list. */
export function sorted(findings: readonly OrderFinding[], key: string): Answer {
	const of = (isOf: (found: string) => boolean) =>
		findings.filter((finding) => isOf(finding.key ?? '')).map(({ message }) => message);
	const [own, within] = [of((found) => found === key), of((found) => found.startsWith(`${key}[0]`))];
	// One text is read as a list of one.
	return own.length === 0 ? { own: within, within } : { own, within };
}

/** Whether a section must have it. */
export function isRequired(schema: z.ZodType, key: string): boolean {
	const read = readStrict(schema, {}, '');
	const missing = `is missing. Write ${key}:`;
	return (
		'findings' in read &&
		read.findings.some((finding) => finding.key === key && `${finding.message}:`.startsWith(missing))
	);
}

/** What a default of the schema itself says; null: none, or what holds is not for the schema to say. */
export function defaultOf(schema: z.core.$ZodType): string | null {
	const { def } = (schema as z.core.$ZodTypes)._zod;
	if (def.type === 'default' || def.type === 'prefault') {
		const value = def.defaultValue;
		return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : null;
	}
	if (def.type === 'pipe') return defaultOf(def.in) ?? defaultOf(def.out);
	return 'innerType' in def ? defaultOf(def.innerType) : null;
}

/** The keys of a mapping, or of the mappings in a list, by their schemas; empty: it is neither. */
export function keysIn(schema: z.core.$ZodType): {
	readonly keys: Readonly<Record<string, z.ZodType>>;
	/** What stands between the name of the whole and the key: `.`, `[].` or `.NAME.`. */
	readonly between: string;
	/** The mapping that has them. */
	readonly whole: z.ZodType;
} {
	const { def } = (schema as z.core.$ZodTypes)._zod;
	const none = { keys: {}, between: '', whole: schema as z.ZodType };
	if (def.type === 'object') {
		return { keys: def.shape as Record<string, z.ZodType>, between: '.', whole: schema as z.ZodType };
	}
	if (def.type === 'record') {
		const below = keysIn(def.valueType);
		return { ...below, between: `.NAME${below.between}` };
	}
	if (def.type === 'array') {
		const below = keysIn(def.element);
		return { ...below, between: `[]${below.between}` };
	}
	if (def.type === 'union') {
		const found = def.options.map(keysIn).find(({ keys }) => Object.keys(keys).length > 0);
		return found ?? none;
	}
	if (def.type === 'pipe') {
		const before = keysIn(def.in);
		return Object.keys(before.keys).length > 0 ? before : keysIn(def.out);
	}
	return 'innerType' in def ? keysIn(def.innerType) : none;
}
