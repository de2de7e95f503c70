/** Who comes to a server for the first time: some make a person's calendars only then, and who never came cannot be invited. */

/** Looks into a home as its person. */
export const visit = async (home: string, username: string, password: string): Promise<void> => {
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  await fetch(home, { method: "PROPFIND", headers: { depth: "1", authorization } });
};
