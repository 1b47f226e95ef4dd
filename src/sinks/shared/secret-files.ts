import { readFile } from 'node:fs/promises';

/** What a file with a secret or a certificate holds, without the line feed at its end. Throws what the user is to see. */
export async function readSecret(key: string, path: string | undefined): Promise<string | undefined> {
	if (path === undefined) return undefined;
	const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
		throw new Error(`${key}: cannot read ${path}: ${inPlainWords[error.code ?? ''] ?? error.message}`);
	});
	if (text.trim() === '') throw new Error(`${key}: ${path} is empty. Write the secret into it`);
	return text.trim();
}

const inPlainWords: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file. Make it, or correct the path',
	EACCES: 'permission denied. Let the user pingmachine runs as read it, and enter its folders',
	EISDIR: 'it is a folder. Name a file',
};
