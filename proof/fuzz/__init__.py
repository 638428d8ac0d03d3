"""Whatever arrives is survived: inputs grown by coverage, against everything that reads them."""
