import type { IDataObject, IN8nHttpFullResponse } from 'n8n-workflow';

/** What Feishu's answer says, whatever its form. */
export interface Answer {
	httpCode: number;
	/** Feishu's own code; 0 is success. Absent where the answer is not Feishu's envelope. */
	code?: number;
	body: IDataObject;
	/** What to quote to Feishu's support. Header `X-Tt-Logid`, the same as `error.log_id`. */
	logId?: string;
	/** Header `x-ogw-ratelimit-reset` as it came: seconds until the quota is free again. */
	quotaReset?: string;
}

export const isObject = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const objectsOf = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : []);

/** The `error` part of Feishu's envelope; most failures have one, the documented rate limit answer has none. */
const errorOf = ({ body }: Pick<Answer, 'body'>) => (isObject(body.error) ? body.error : {});

/** Reads the envelope `{ code, msg, data, error }` that every endpoint of the Open API answers with. */
export function readAnswer(response: IN8nHttpFullResponse): Answer {
	const body = isObject(response.body) ? response.body : {};
	const { log_id, logid } = errorOf({ body });
	return {
		httpCode: response.statusCode,
		code: typeof body.code === 'number' ? body.code : undefined,
		body,
		// The docs' prose calls the id `logid`, answers seen in the wild `log_id`.
		logId: textOf(log_id) ?? textOf(logid) ?? textOf(response.headers['x-tt-logid']),
		quotaReset: textOf(response.headers['x-ogw-ratelimit-reset']),
	};
}

/** Code 0 is a success with HTTP 2xx only: with another status, the answer contradicts itself. */
export const isSuccess = ({ code, httpCode }: Answer) => code === 0 && httpCode >= 200 && httpCode < 300;

/**
 * Whether Feishu may or may not have carried out the request: a server can fail after the work is done, a success
 * without Feishu's envelope was cut off or comes from a proxy, and of a code 0 with a status that says otherwise nobody
 * knows which is right. Trying again may help.
 */
export const outcomeIsOpen = (answer: Answer) =>
	answer.httpCode >= 500 ||
	(answer.code === 0 && !isSuccess(answer)) ||
	(answer.code === undefined && answer.httpCode < 300);

/** The permissions that Feishu names as missing: live answers hold `subject`, the docs' prose `scope`. */
export function missingScopes(answer: Answer): string[] {
	return objectsOf(errorOf(answer).permission_violations)
		.map(({ subject, scope }) => textOf(subject) ?? textOf(scope))
		.filter((scope) => scope !== undefined);
}

/**
 * Feishu's own words for people who want to know more: message, code, log id, the fields and permissions it
 * complains about, and the link to its troubleshooter.
 */
export function describeAnswer(answer: Answer): string {
	const error = errorOf(answer);
	const reference = [
		answer.code !== undefined && `code ${answer.code}`,
		`HTTP ${answer.httpCode}`,
		answer.logId && `log id ${answer.logId}`,
	].filter(Boolean);
	const fields = objectsOf(error.field_violations).map(
		({ field, description, value }) =>
			`Field ${String(field)}: ${String(description ?? 'refused')}${value ? ` (value: ${String(value)})` : ''}.`,
	);
	const scopes = missingScopes(answer);
	const said = textOf(answer.body.msg) ?? textOf(error.message) ?? textOf(answer.body.error_description);
	const links = [
		textOf(error.troubleshooter),
		...objectsOf(error.helps)
			// The message of a missing permission holds the link already.
			.filter(({ url }) => !said?.includes(String(url)))
			.map(({ description, url }) => [textOf(description), textOf(url)].filter(Boolean).join(': ')),
	].filter((link) => link);
	return [
		`Feishu's answer: ${said ?? 'no message'} (${reference.join(', ')}).`,
		...fields,
		...(scopes.length ? [`Missing permission: ${scopes.join(', ')}.`] : []),
		...links,
	].join('\n');
}
