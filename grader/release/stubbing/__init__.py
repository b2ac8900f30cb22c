"""One solved file turned into one with stubs, from text to text: nothing here knows the course."""
