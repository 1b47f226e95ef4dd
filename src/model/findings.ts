import { nearest } from './nearest.ts';
import type { OrderFinding } from './order.ts';
import { excerpt, printable } from './printable.ts';

/** More findings than this are counted instead of told in one line. */
const toldMax = 10;

/** One line: `line 3: ...` or `fping.host: ...`. */
export function describeFinding(finding: OrderFinding): string {
	if (finding.line !== undefined) return `line ${finding.line}: ${finding.message}`;
	return finding.key === undefined ? finding.message : `${finding.key}: ${finding.message}`;
}

/** The same with the file in front, the way compilers do it: `FILE:3: ...` or `FILE: fping.host: ...`. */
export function describeFindingIn(file: string, finding: OrderFinding): string {
	const at = printable(file);
	return finding.line === undefined
		? `${at}: ${describeFinding(finding)}`
		: `${at}:${finding.line}: ${finding.message}`;
}

/** One line for all of them, for logs and error files. */
export function describeFindings(findings: readonly OrderFinding[]): string {
	const told = findings.slice(0, toldMax).map(describeFinding);
	if (findings.length > toldMax) told.push(`and ${findings.length - toldMax} more`);
	return told.join(' | ');
}

/** What somebody wrote where something else belongs: `"5m"`, `-5`, `a list`. */
export function inWords(value: unknown): string {
	if (value === null || value === undefined) return 'nothing';
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'a mapping';
	return typeof value === 'string' ? `"${excerpt(value)}"` : String(value);
}

/** `unknown template "smokpeing". Did you mean smokeping? Known: smokeping, norrd`. */
export function notKnown(what: string, value: unknown, known: readonly string[]): string {
	const choice = `Known: ${known.join(', ')}`;
	if (typeof value === 'object') return `must be text, not ${inWords(value)}. ${choice}`;
	const near = nearest(String(value), known);
	const hint = near === null ? '' : ` Did you mean ${near}?`;
	return `unknown ${what} ${inWords(value)}.${hint} ${choice}`;
}
