import { z } from 'zod';
import { isUrl } from '../../../model/parse-url.ts';

/** What is wrong with it is said without saying what it is. */
export const secret = z.string('must be text. Put it in quotes').min(1, 'is empty').optional();
export const file = z.string().startsWith('/', 'must be a path from the root').optional();

export const httpUrl = z
	.string()
	.regex(/^https?:\/\/\S+$/i, 'must be a URL that begins with http:// or https://')
	.refine((url) => isUrl(url), 'is not a URL');

/** One line of text, fit for a header: `Name: value` is written by us. */
export const headerValue = z
	.string()
	.max(4096)
	.regex(/^[\t\x20-\x7e]*$/, 'must be one line of ASCII');

/** Where it is, without path, password and query: in these are the secrets of many services. */
export function originOf(url: string): string {
	const { origin } = new URL(url);
	return origin;
}
