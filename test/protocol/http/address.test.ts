import fc from "fast-check";
import { addressProblem, allowances } from "groupstream/protocol/http";
import { describe, expect, it } from "vitest";
import { isLoopback } from "../../../src/protocol/http/address.ts";

const none = allowances(undefined);
const within = allowances("private");

describe("addressProblem", () => {
  it.each(["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888"])(
    "lets the public address %s through",
    (address) => {
      expect(addressProblem(address, none, true)).toBeUndefined();
    },
  );

  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
  ])("refuses %s unless private is allowed by name", (address) => {
    expect(addressProblem(address, none, true)).toMatch(/^is /);
    expect(addressProblem(address, within, true)).toBeUndefined();
  });

  it.each([
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "ff02::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "::7f00:1",
    "fec0::1",
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "localhost",
    "",
  ])("refuses %s always", (address) => {
    expect(addressProblem(address, none, true)).toMatch(/^is /);
    expect(addressProblem(address, within, true)).toMatch(/^is /);
  });

  it("asks without TLS only loopback, others by name", () => {
    expect(addressProblem("127.0.0.1", within, false)).toBeUndefined();
    expect(addressProblem("::1", within, false)).toBeUndefined();
    expect(addressProblem("10.0.0.1", within, false)).toMatch(/without TLS/);
    expect(addressProblem("8.8.8.8", none, false)).toMatch(/without TLS/);
    expect(addressProblem("8.8.8.8", allowances("http"), false)).toBeUndefined();
    expect(addressProblem("10.0.0.1", allowances(["http", "private"]), false)).toBeUndefined();
    expect(isLoopback("::ffff:127.9.9.9")).toBe(true);
    expect(isLoopback("128.0.0.1")).toBe(false);
  });

  it("says the same of an IPv4 address however it is wrapped", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressProblem(`::ffff:${address}`, none, true)).toBeDefined();
        expect(addressProblem(`::ffff:${address}`, within, true)).toEqual(addressProblem(address, within, true));
      }),
    );
  });
});
