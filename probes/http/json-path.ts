/** A step of a path into JSON: the name of a member, or the place in a list. */
export type Step = string | number;

const pathMax = 500;
const stepsMax = 50;

/** One step: `.name`, `[0]` or `["any name"]`. */
const step = /\.?([^.[\]"'\s]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads `status.checks[0]["disk space"]`, with or without `$.` before it. Null when it is no such path. */
export function readJsonPath(text: string): Step[] | null {
	if (text.length > pathMax) return null;
	const rest = text.replace(/^\$\.?/, '');
	const steps: Step[] = [];
	step.lastIndex = 0;
	while (step.lastIndex < rest.length) {
		const isFirst = step.lastIndex === 0;
		const startsBare = !/[.[]/.test(rest.charAt(step.lastIndex));
		const found = isFirst || !startsBare ? step.exec(rest) : null;
		if (found === null || steps.length === stepsMax) return null;
		const [, name, place, quoted] = found;
		if (name !== undefined) steps.push(name);
		else if (place !== undefined) steps.push(Number(place));
		else {
			const member = parsed(quoted ?? '');
			if (typeof member !== 'string') return null;
			steps.push(member);
		}
	}
	return text === '' ? null : steps;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** What is there; undefined when nothing is. */
export function atPath(value: unknown, steps: readonly Step[]): unknown {
	let at = value;
	for (const one of steps) {
		if (typeof at !== 'object' || at === null || !Object.hasOwn(at, one)) return undefined;
		at = (at as Record<Step, unknown>)[one];
	}
	return at;
}
