export default {
    globalSetup: "./global-setup.mjs",
    globalTeardown: "./global-teardown.mjs",
    testMatch: ["**/*.jest.mjs"],
    transform: {},
};
