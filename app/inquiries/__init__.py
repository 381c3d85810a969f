"""Away from the counter: bills asked for by SMS and by mail, and bills that come by mail on their own."""
