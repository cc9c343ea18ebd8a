// Carries the header that the test programs have precompiled.
