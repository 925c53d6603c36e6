import { connectionFailure } from '../../nodes/FeishuMail/transport/connectionFailure';

/** As it arrives: n8n's error around axios's around Node's. */
const wrapped = (cause: object, code?: string) =>
	new Error('n8n', { cause: Object.assign(new Error('axios', { cause }), { code }) });

const fromNode = (code: string, syscall?: string) => {
	const error = Object.assign(new Error(`${syscall ?? ''} ${code}`), { code, ...(syscall && { syscall }) });
	return wrapped(error, code);
};

/** What Node gives when none of a host's addresses can be connected to. */
const fromAllAddresses = (...failures: Array<[code: string, syscall: string]>) => {
	const errors = failures.map(([code, syscall]) => Object.assign(new Error(code), { code, syscall }));
	const code = failures[0]![0];
	return wrapped(Object.assign(new AggregateError(errors), { code }), code);
};

describe('connectionFailure', () => {
	it.each([
		['ECONNREFUSED', 'connect'],
		['ENETUNREACH', 'connect'],
		['EHOSTUNREACH', 'connect'],
		['ETIMEDOUT', 'connect'],
		['SOMETHING_NEW', 'connect'],
		['ENOTFOUND', 'getaddrinfo'],
		['EAI_AGAIN', 'getaddrinfo'],
		['ECONNREFUSED', undefined],
		['ENOTFOUND', undefined],
		['EAI_AGAIN', undefined],
		['CERT_HAS_EXPIRED', undefined],
		['DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
	])('%s of %s: the request was never sent', (code, syscall) => {
		expect(connectionFailure(fromNode(code, syscall))).toMatchObject({ code, neverSent: true });
	});

	it.each([
		['EHOSTUNREACH', 'read'],
		['EHOSTUNREACH', 'write'],
		['ENETUNREACH', 'read'],
		['ECONNREFUSED', 'read'],
		['ECONNRESET', 'read'],
		['EPIPE', 'write'],
		['ETIMEDOUT', 'read'],
		['EHOSTUNREACH', undefined],
		['ENETUNREACH', undefined],
		['ETIMEDOUT', undefined],
		['ECONNRESET', undefined],
		['ECONNABORTED', undefined],
		['ERR_CANCELED', undefined],
		['SOMETHING_NEW', undefined],
	])('%s of %s: Feishu may have received the request', (code, syscall) => {
		expect(connectionFailure(fromNode(code, syscall))).toMatchObject({ code, neverSent: false });
	});

	it('a host of which no address can be connected to: the request was never sent', () => {
		const error = fromAllAddresses(['ENETUNREACH', 'connect'], ['ETIMEDOUT', 'connect']);
		expect(connectionFailure(error)).toMatchObject({ code: 'ENETUNREACH', neverSent: true });
	});

	it('a host of which one address may have been reached: Feishu may have received the request', () => {
		const error = fromAllAddresses(['ENETUNREACH', 'connect'], ['ECONNRESET', 'read']);
		expect(connectionFailure(error)).toMatchObject({ neverSent: false });
	});

	it("reads what older versions of axios copy from Node's error", () => {
		const error = Object.assign(new Error('axios'), { code: 'EHOSTUNREACH', syscall: 'connect' });
		expect(connectionFailure(error)).toMatchObject({ code: 'EHOSTUNREACH', neverSent: true });
	});

	it.each([undefined, null, 'text', new Error('no code'), {}, { errors: 'none' }])(
		'%p: may have been received',
		(error) => {
			expect(connectionFailure(error)).toEqual({
				reason: 'The connection to the server failed',
				code: undefined,
				neverSent: false,
			});
		},
	);

	it.each([
		['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'The server refused the connection', true],
		['EHOSTUNREACH', 'connect EHOSTUNREACH 192.0.2.1:443', 'The server cannot be reached', true],
		['EHOSTUNREACH', 'read EHOSTUNREACH', 'The server cannot be reached', false],
		['ECONNRESET', 'socket hang up', 'The connection was closed before an answer came', false],
		['ECONNABORTED', 'timeout of 50ms exceeded', 'No answer came in time', false],
		['CERT_HAS_EXPIRED', 'certificate has expired', "The server's certificate has expired", true],
		['200', 'stream has been aborted', 'The answer was cut off', false],
		['401', 'Not allowed', 'The connection to the server failed', false],
	])(
		'reads %s with "%s" from an error of n8n before 2.34, which has no cause',
		(httpCode, said, reason, neverSent) => {
			const error = Object.assign(new Error('n8n'), { cause: undefined, httpCode, messages: [said, said] });
			expect(connectionFailure(error)).toMatchObject({ reason, neverSent });
		},
	);
});
